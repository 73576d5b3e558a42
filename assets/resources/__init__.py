"""What assets stand on: the home folder, the warehouse inside it, and the record of checks."""
