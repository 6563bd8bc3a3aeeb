package io.blockplane.executor.packet;

import io.blockplane.policy.RoutedPacket;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.aios.FileInfo;
import java.util.List;

/** A packet as a balancer's policy asks for it. */
public record PacketView(AIOSPacket packet) implements RoutedPacket {

    @Override
    public String sessionId() {
        return packet.getSessionId();
    }

    @Override
    public long seqNo() {
        return packet.getSeqNo();
    }

    @Override
    public byte[] framePtr() {
        return packet.getFramePtr().toByteArray();
    }

    @Override
    public String data() {
        return packet.getData();
    }

    @Override
    public double ts() {
        return packet.getTs();
    }

    @Override
    public String outputPtr() {
        return packet.getOutputPtr();
    }

    @Override
    public List<? extends RoutedFile> files() {
        return packet.getFilesList().stream().map(FileView::new).toList();
    }

    private record FileView(FileInfo file) implements RoutedFile {

        @Override
        public String metadata() {
            return file.getMetadata();
        }

        @Override
        public byte[] fileData() {
            return file.getFileData().toByteArray();
        }
    }
}
