"""A small account on moto in which every control is kept, built through boto3, and the ways to break it."""
