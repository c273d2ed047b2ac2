"""Images, their bills of materials, and the workflows that bring them to production."""
