"""The control matrix for auditors: every control with what enforces it, and the test that proves each part."""
