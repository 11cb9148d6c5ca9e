"""Where instance paths come from: text manifests."""
