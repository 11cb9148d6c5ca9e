"""What became of each instance: reconcile with the destination, one row each, and the closing account."""
