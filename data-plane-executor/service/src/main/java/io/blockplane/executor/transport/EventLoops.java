package io.blockplane.executor.transport;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which all gRPC of an executor runs, both ways: few, shared by server and clients,
 * so that a request that passes through wakes no more threads than it must. Nothing that blocks may
 * run on them.
 */
public final class EventLoops implements AutoCloseable {

    private static final long CLOSE_LIMIT_MS = 2_000;

    private final EventLoopGroup group;
    private final boolean epoll;

    /**
     * Starts them.
     *
     * @param threads at least 1
     */
    public EventLoops(int threads) {
        DefaultThreadFactory factory = new DefaultThreadFactory("executor-io", true);
        this.epoll = Epoll.isAvailable();
        this.group =
                new MultiThreadIoEventLoopGroup(
                        threads,
                        factory,
                        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /** The builder's channels on these. */
    public NettyChannelBuilder on(NettyChannelBuilder builder) {
        return builder.eventLoopGroup(group)
                .channelType(epoll ? EpollSocketChannel.class : NioSocketChannel.class);
    }

    /** The builder's server on these. */
    public NettyServerBuilder on(NettyServerBuilder builder) {
        return builder.bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .channelType(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_LIMIT_MS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_LIMIT_MS);
    }
}
