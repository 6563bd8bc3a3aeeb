package io.blockplane.replay;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Records put down in a temporary file, to be read again one by one from any place: a log is read
 * once, in its order, and used chain by chain, and need not fit into memory. Written by one thread;
 * after {@link #seal} read by any number.
 */
final class Spool implements AutoCloseable {

    private static final int BUFFER_BYTES = 1024 * 1024;

    private final FileChannel file;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(BUFFER_BYTES);
    private final DataOutputStream out = new DataOutputStream(pending);
    private long written;

    Spool() throws IOException {
        Path path = Files.createTempFile("blockplane-replay-", ".spool");
        file =
                FileChannel.open(
                        path,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** The place to read it from. */
    long add(ConsumerRecord<String, byte[]> record) {
        try {
            long place = written + pending.size();
            byte[] body = encoded(record);
            out.writeInt(body.length);
            out.write(body);
            if (pending.size() >= BUFFER_BYTES) {
                flush();
            }
            return place;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing is added from here on. */
    void seal() throws IOException {
        flush();
    }

    ConsumerRecord<String, byte[]> read(long place) {
        try {
            ByteBuffer size = bytes(place, Integer.BYTES);
            return decoded(bytes(place + Integer.BYTES, size.getInt()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void flush() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
        while (bytes.hasRemaining()) {
            written += file.write(bytes, written);
        }
        pending.reset();
    }

    private ByteBuffer bytes(long place, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, place + bytes.position()) < 0) {
                throw new EOFException("spool: nothing at " + place);
            }
        }
        return bytes.flip();
    }

    private static byte[] encoded(ConsumerRecord<String, byte[]> record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        DataOutputStream data = new DataOutputStream(bytes);
        put(data, utf8(record.topic()));
        data.writeInt(record.partition());
        data.writeLong(record.offset());
        put(data, record.key() == null ? null : utf8(record.key()));
        Header[] headers = record.headers().toArray();
        data.writeInt(headers.length);
        for (Header header : headers) {
            put(data, utf8(header.key()));
            put(data, header.value());
        }
        put(data, record.value());
        return bytes.toByteArray();
    }

    private static ConsumerRecord<String, byte[]> decoded(ByteBuffer data) {
        String topic = text(data);
        int partition = data.getInt();
        long offset = data.getLong();
        byte[] key = take(data);
        Headers headers = new RecordHeaders();
        int count = data.getInt();
        for (int i = 0; i < count; i++) {
            headers.add(text(data), take(data));
        }
        return new ConsumerRecord<>(
                topic,
                partition,
                offset,
                ConsumerRecord.NO_TIMESTAMP,
                TimestampType.NO_TIMESTAMP_TYPE,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                key == null ? null : new String(key, StandardCharsets.UTF_8),
                take(data),
                headers,
                Optional.empty());
    }

    private static void put(DataOutputStream data, byte @Nullable [] bytes) throws IOException {
        data.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            data.write(bytes);
        }
    }

    private static byte @Nullable [] take(ByteBuffer data) {
        int size = data.getInt();
        if (size < 0) {
            return null;
        }
        byte[] bytes = new byte[size];
        data.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer data) {
        byte[] bytes = take(data);
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
