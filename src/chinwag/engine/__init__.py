"""What is alive: sessions, topic actors, hub, queues."""
