"""Review drafts: numbered proofs, sentences that rest on them, and nothing that does not hold."""
