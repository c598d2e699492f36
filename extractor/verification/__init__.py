"""Whether a sentence of a draft holds: against the proofs that it cites, and nothing else."""

from extractor.verification.faults import Fault
from extractor.verification.sentences import FORBIDDEN, faults_of

__all__ = ["FORBIDDEN", "Fault", "faults_of"]
