"""What an install did: measurements, findings, residue, the verdict."""
