"""The link between this process and its host: frames, messages, the thread that carries them, finding and starting a host."""
