"""Review drafts as Markdown, a page and a Word document."""
