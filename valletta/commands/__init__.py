"""What can be typed after `valletta`: one command a file."""
