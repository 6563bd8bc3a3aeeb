package io.blockplane.policy;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** Reads an array. Used by one thread. */
final class ReadOnlyChannel implements SeekableByteChannel {

    private final byte[] content;
    private long position;
    private boolean open = true;

    ReadOnlyChannel(byte[] content) {
        this.content = content;
    }

    @Override
    public int read(ByteBuffer target) throws ClosedChannelException {
        checkOpen();
        if (position >= content.length) {
            return -1;
        }
        int count = Math.min(target.remaining(), content.length - (int) position);
        target.put(content, (int) position, count);
        position += count;
        return count;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public long position() throws ClosedChannelException {
        checkOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws ClosedChannelException {
        checkOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("position: " + newPosition + " (expected: >= 0)");
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws ClosedChannelException {
        checkOpen();
        return content.length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }
}
