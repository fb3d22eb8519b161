"""What each page shows, gathered from the answers, without HTML."""
