"""How results are shown: terminal, HTML, Markdown, JUnit, annotations."""
