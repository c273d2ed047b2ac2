"""What a stack costs in a month, from its plan and a dated price table: an estimate with its assumptions in sight."""
