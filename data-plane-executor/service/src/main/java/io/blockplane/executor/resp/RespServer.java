package io.blockplane.executor.resp;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves RESP on a port. Commands of a connection are handled in their order, and answered in it;
 * one whose reply takes its time does not keep those after it from being handled.
 */
public final class RespServer implements AutoCloseable {

    /** Connections at once; more are told so and closed. */
    static final int MAX_CONNECTIONS = 1024;

    /** Commands of a connection without a reply; more are not read. */
    static final int MAX_UNANSWERED = 256;

    private static final Logger LOG = LoggerFactory.getLogger(RespServer.class);
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int BACKLOG = 128;

    private final ServerSocket socket;
    private final Supplier<Session> sessions;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private RespServer(ServerSocket socket, Supplier<Session> sessions) {
        this.socket = socket;
        this.sessions = sessions;
    }

    /** What one connection says. Used by one thread. */
    public interface Session extends AutoCloseable {

        /** Completes with the reply, never exceptionally. */
        CompletableFuture<Reply> handle(Command command);

        /** The connection is gone. */
        @Override
        void close();
    }

    /**
     * Serves when it returns.
     *
     * @throws IOException when the port can't be had
     */
    public static RespServer start(InetSocketAddress address, Supplier<Session> sessions)
            throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(address, BACKLOG);
        } catch (IOException e) {
            socket.close();
            throw new IOException("can't listen on " + address, e);
        }
        RespServer server = new RespServer(socket, sessions);
        Thread.ofPlatform().daemon().name("resp-accept").start(server::accept);
        return server;
    }

    public int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("RESP port did not close in order");
        }
        connections.forEach(Connection::close);
    }

    private void accept() {
        while (!closed) {
            try {
                admit(socket.accept());
            } catch (IOException e) {
                if (!closed) {
                    LOG.atWarn().setCause(e).log("a connection could not be taken");
                }
            }
        }
    }

    private void admit(Socket client) throws IOException {
        if (connections.size() >= MAX_CONNECTIONS) {
            try (client) {
                Wire.write(
                        client.getOutputStream(),
                        Reply.error(
                                "max number of clients reached: "
                                        + MAX_CONNECTIONS
                                        + " are there"));
            }
            return;
        }
        client.setTcpNoDelay(true);
        client.setKeepAlive(true);
        Connection connection = new Connection(client, sessions.get());
        connections.add(connection);
        Thread.ofVirtual().name("resp-read").start(connection::read);
        Thread.ofVirtual().name("resp-write").start(connection::write);
        if (closed) {
            connection.close();
        }
    }

    /**
     * A reply in its place.
     *
     * @param end no reply: the writer ends here
     */
    private record Pending(CompletableFuture<Reply> reply, boolean end) {

        static Pending of(CompletableFuture<Reply> reply) {
            return new Pending(reply, false);
        }

        static Pending of(Reply reply) {
            return of(CompletableFuture.completedFuture(reply));
        }
    }

    private final class Connection {

        private final Socket client;
        private final Session session;
        private final BlockingQueue<Pending> replies = new ArrayBlockingQueue<>(MAX_UNANSWERED);

        private Connection(Socket client, Session session) {
            this.client = client;
            this.session = session;
        }

        private void read() {
            try (InputStream in = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES)) {
                for (Command command = Wire.readCommand(in);
                        command != null;
                        command = Wire.readCommand(in)) {
                    boolean last = command.name().equals("QUIT");
                    replies.put(last ? Pending.of(Reply.OK) : Pending.of(session.handle(command)));
                    if (last) {
                        break;
                    }
                }
            } catch (ProtocolException e) {
                var _ = replies.offer(Pending.of(Reply.error("Protocol error: " + e.getMessage())));
                LOG.atWarn()
                        .addKeyValue("peer", client.getRemoteSocketAddress())
                        .addKeyValue("error", e.getMessage())
                        .log("not RESP; connection closed");
            } catch (IOException e) {
                // The other side is gone.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                // First, so that replies which wait for something come to their end.
                session.close();
                leave();
            }
        }

        private void leave() {
            try {
                replies.put(new Pending(CompletableFuture.completedFuture(Reply.OK), true));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
            }
            connections.remove(this);
        }

        private void write() {
            boolean ended = false;
            try (client;
                    OutputStream out =
                            new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES)) {
                for (Pending next = replies.take(); !next.end(); next = replies.take()) {
                    if (!next.reply().isDone()) {
                        out.flush();
                    }
                    Wire.write(out, next.reply().get());
                    if (replies.isEmpty()) {
                        out.flush();
                    }
                }
                ended = true;
            } catch (IOException e) {
                // The other side is gone; the reader sees it, too.
            } catch (ExecutionException e) {
                LOG.atError().setCause(e.getCause()).log("a command failed; connection closed");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
                if (!ended) {
                    discard();
                }
            }
        }

        /**
         * Keeps the reader from waiting for room that nobody makes: it may have more commands in
         * its buffer than there is room for replies, and puts the end after them.
         */
        private void discard() {
            try {
                while (!replies.take().end()) {
                    // Nobody is there to hear it.
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void close() {
            try {
                client.close();
            } catch (IOException e) {
                LOG.atDebug().setCause(e).log("a connection did not close in order");
            }
        }
    }
}
