"""Files that name packages, in the formats that people have: what of each can be tried, and what can't and why."""
