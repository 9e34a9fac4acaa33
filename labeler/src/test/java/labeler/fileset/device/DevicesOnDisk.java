package labeler.fileset.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.linux.HostPath;

/**
 * A sysfs of real files, and real nodes in a directory of their own. The numbers of the nodes are among those that no
 * driver has (Documentation/admin-guide/devices.txt: 240 to 254), so nothing happens if one is opened by mistake.
 */
public final class DevicesOnDisk {
    private static final int MAJOR = 240;

    private final Path sysfs;
    private final Path nodes;
    private int minor;

    public DevicesOnDisk(Path sysfs, Path nodes) {
        this.sysfs = sysfs;
        this.nodes = nodes;
    }

    public DeviceTree tree() {
        return new DeviceTree(sysfs, HostPath.of(nodes));
    }

    /** The path of a node. */
    public HostPath node(String name) {
        return HostPath.of(nodes.resolve(name));
    }

    /** A character device with its node; answers its directory in sysfs. */
    public Path device(String name, String subsystem) throws IOException {
        minor++;
        Path node = nodes.resolve(name);
        makeNode(node, MAJOR, minor);
        Path directory = Files.createDirectories(sysfs.resolve("dev/char/" + MAJOR + ":" + minor));
        Files.writeString(
                directory.resolve("uevent"), "MAJOR=" + MAJOR + "\nMINOR=" + minor + "\nDEVNAME=" + name + "\n");
        if (!subsystem.isEmpty()) {
            link(directory.resolve("subsystem"), "class/" + subsystem);
        }
        return directory;
    }

    /** A second node for the device that was made last. */
    public void secondNode(Path node) throws IOException {
        makeNode(node, MAJOR, minor);
    }

    private static void makeNode(Path node, int major, int number) throws IOException {
        Files.createDirectories(node.getParent());
        Process made = new ProcessBuilder(
                        "mknod", node.toString(), "c", Integer.toString(major), Integer.toString(number))
                .redirectErrorStream(true)
                .start();
        String output = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!output.isEmpty()) {
            throw new IOException(output);
        }
    }

    /** A file of sysfs. */
    public void write(String path, String text) throws IOException {
        Path file = sysfs.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    /** A directory of sysfs. */
    public void directory(String path) throws IOException {
        Files.createDirectories(sysfs.resolve(path));
    }

    /** A symbolic link of sysfs to a directory there, which is made. */
    public void link(String path, String target) throws IOException {
        link(sysfs.resolve(path), target);
    }

    private void link(Path link, String target) throws IOException {
        Files.createDirectories(link.getParent());
        Files.createDirectories(sysfs.resolve(target));
        Files.createSymbolicLink(link, sysfs.resolve(target));
    }
}
