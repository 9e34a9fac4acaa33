package labeler.vm;

import java.util.List;
import java.util.stream.IntStream;
import labeler.linux.HostPath;

/** Device nodes of the host that many processes use. None is ever labelled for one VM: the host would lose it. */
public final class SharedDevices {
    /** A process gets a terminal of its own there. */
    public static final HostPath TERMINALS = HostPath.of("/dev/ptmx");

    /** World-accessible on every Linux, beside {@link #TERMINALS}. */
    public static final List<HostPath> OPEN_TO_ALL = paths("""
        /dev/null /dev/zero /dev/full /dev/random /dev/urandom
        /dev/kvm /dev/net/tun /dev/vhost-net /dev/vhost-vsock
        """);

    /** Begins the names of the render nodes of graphics cards. */
    public static final String RENDER_NODE = "/dev/dri/renderD";

    /** The kernel numbers render nodes from 128, and has numbers for 64. */
    public static final List<String> RENDER_NODES =
            IntStream.range(128, 192).mapToObj(number -> RENDER_NODE + number).toList();

    /** Makes buffers for graphics of a process's own memory. */
    public static final HostPath BUFFERS = HostPath.of("/dev/udmabuf");

    private static final List<HostPath> OTHERS = paths("""
        /dev/hwrng /dev/tty /dev/console /dev/vhost-scsi /dev/vfio/vfio /dev/iommu /dev/sev /dev/udmabuf
        """);

    private SharedDevices() {}

    private static List<HostPath> paths(String names) {
        return NameTable.inOrder(names).stream().map(HostPath::of).toList();
    }

    /** Whether every process may use it. */
    public static boolean isOpenToAll(HostPath path) {
        return path.equals(TERMINALS) || OPEN_TO_ALL.contains(path);
    }

    /** Whether a process that asks for it, by any option, gets only the access that every process has. */
    static boolean contains(HostPath path) {
        return isOpenToAll(path) || OTHERS.contains(path);
    }
}
