"""Mail that people forward or copy to their own address here: read, put on timelines, or kept for them to sort."""
