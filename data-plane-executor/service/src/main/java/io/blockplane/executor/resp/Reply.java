package io.blockplane.executor.resp;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a server answers. */
public sealed interface Reply {

    Reply OK = new Simple("OK");

    /** One line. */
    record Simple(String text) implements Reply {}

    /** A refusal; the first word is its code: {@code ERR ...}. */
    record Failure(String text) implements Reply {
        public Failure {
            text = text.replace('\r', ' ').replace('\n', ' ');
        }
    }

    record Whole(long value) implements Reply {}

    /** Bytes. Not a record: arrays are not equal by what they hold. */
    final class Bulk implements Reply {

        private final byte[] bytes;

        public Bulk(byte[] bytes) {
            this.bytes = bytes;
        }

        /** Of a text. */
        public static Bulk of(String text) {
            return new Bulk(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Shared. */
        public byte[] bytes() {
            return bytes;
        }

        @Override
        public String toString() {
            return "Bulk[" + bytes.length + " bytes]";
        }
    }

    /** No value: a null bulk string. */
    record Null() implements Reply {}

    /** No list of values: what a blocking pop answers when its time is over. */
    record NullList() implements Reply {}

    record Many(List<Reply> replies) implements Reply {
        public Many {
            replies = List.copyOf(replies);
        }
    }

    /** A refusal with the usual code. */
    static Reply error(String message) {
        return new Failure("ERR " + message);
    }
}
