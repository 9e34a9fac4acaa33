package labeler.guard.judge;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.guard.flow.LoopDevice;
import labeler.lifecycle.follow.FollowedHost;

/** What each of some VMs has beside regular files: a block device NAME-device, and an image that is served at NAME-socket. */
final class VmDevices implements AutoCloseable {
    /** Of the images of a {@link RandomVm}: a backup needs a target of its size. */
    private static final long SIZE = 4 << 20;

    /** An image of that size with all its data, and what the format needs. */
    private static final long DEVICE_SIZE = SIZE + (2 << 20);

    private final List<LoopDevice> devices = new ArrayList<>();
    private final List<NbdServer> servers = new ArrayList<>();

    /** @param directory for the content of all, which is made */
    VmDevices(FollowedHost host, Path directory, List<String> vms) throws IOException {
        Files.createDirectory(directory);
        try {
            for (String vm : vms) {
                devices.add(new LoopDevice(
                        directory.resolve(vm), DEVICE_SIZE, device(host.path("").normalize(), vm)));
                Path served = directory.resolve(vm + "-served");
                try (RandomAccessFile image = new RandomAccessFile(served.toFile(), "rw")) {
                    image.setLength(SIZE);
                }
                servers.add(new NbdServer(socket(host.path("").normalize(), vm), served, "raw"));
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    static Path device(Path images, String vm) {
        return images.resolve(vm + "-device");
    }

    static Path socket(Path images, String vm) {
        return images.resolve(vm + "-socket");
    }

    @Override
    public void close() throws IOException {
        for (NbdServer server : servers) {
            server.close();
        }
        for (LoopDevice device : devices) {
            device.close();
        }
    }
}
