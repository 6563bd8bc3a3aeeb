package io.blockplane.executor.resp;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a Redis, made when it is needed and made anew after it broke. Belongs to one
 * thread at a time, but for {@link #close}.
 */
public final class RespConnection implements AutoCloseable {

    static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);

    /** A reply that takes longer does not come. */
    static final Duration REPLY_LIMIT = Duration.ofSeconds(5);

    /** A connection that was quiet for longer is asked whether it still works. */
    static final Duration QUIET = Duration.ofSeconds(1);

    private static final int BUFFER_BYTES = 32 * 1024;
    private static final Command PING = Command.of("PING");

    private final String host;
    private final int port;
    private volatile @Nullable Open open;
    private volatile boolean closed;

    public RespConnection(String host, int port) {
        this.host = host;
        this.port = port;
    }

    private record Open(Socket socket, InputStream in, OutputStream out, long usedNanos) {}

    /** What became of a command. */
    public sealed interface Outcome {

        record Replied(Reply reply) implements Outcome {}

        /** The server has nothing of it. */
        record NotSent(String detail) implements Outcome {}

        /** It may have been done. */
        record NoReply(String detail) implements Outcome {}
    }

    /**
     * Sends the commands in one go and waits for the replies: one outcome for each, in order. After
     * the first that has no reply, none has.
     */
    public List<Outcome> exchange(List<Command> commands) {
        List<Outcome> outcomes = new ArrayList<>();
        Open to;
        try {
            to = connected();
        } catch (IOException e) {
            drop();
            return fill(outcomes, commands.size(), new Outcome.NotSent(describe(e)));
        }
        try {
            for (Command command : commands) {
                Wire.write(to.out(), command);
            }
            to.out().flush();
            while (outcomes.size() < commands.size()) {
                outcomes.add(new Outcome.Replied(Wire.readReply(to.in())));
            }
            open = new Open(to.socket(), to.in(), to.out(), System.nanoTime());
            return outcomes;
        } catch (IOException e) {
            drop();
            return fill(outcomes, commands.size(), new Outcome.NoReply(describe(e)));
        }
    }

    @Override
    public void close() {
        closed = true;
        drop();
    }

    private Open connected() throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        Open known = open;
        if (known != null && System.nanoTime() - known.usedNanos() > QUIET.toNanos()) {
            known = ping(known);
        }
        return known == null ? connect() : known;
    }

    /** The connection when it still works; null when it has been closed meanwhile. */
    private @Nullable Open ping(Open quiet) {
        try {
            Wire.write(quiet.out(), PING);
            quiet.out().flush();
            Wire.readReply(quiet.in());
            return quiet;
        } catch (IOException e) {
            drop();
            return null;
        }
    }

    private Open connect() throws IOException {
        Socket socket = new Socket();
        try {
            InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException(host);
            }
            socket.connect(address, Math.toIntExact(CONNECT_LIMIT.toMillis()));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(REPLY_LIMIT.toMillis()));
            Open made =
                    new Open(
                            socket,
                            new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES),
                            new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES),
                            System.nanoTime());
            open = made;
            if (closed) {
                throw new IOException("closed");
            }
            return made;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void drop() {
        Open known = open;
        open = null;
        if (known != null) {
            try {
                known.socket().close();
            } catch (IOException e) {
                // It is of no use any more either way.
            }
        }
    }

    private String describe(IOException e) {
        String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return host + ":" + port + ": " + what;
    }

    private static List<Outcome> fill(List<Outcome> outcomes, int size, Outcome rest) {
        while (outcomes.size() < size) {
            outcomes.add(rest);
        }
        return outcomes;
    }
}
