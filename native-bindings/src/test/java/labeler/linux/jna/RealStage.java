package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import labeler.linux.AttributeName;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.contract.Stage;

/**
 * A temporary directory of the real kernel. Files are made by the system's own commands, which take names as bytes;
 * mounts need root.
 */
final class RealStage implements Stage {
    private final Linux linux;
    private final Path directory;
    private final Map<FileSystemKind, HostPath> roots = new EnumMap<>(FileSystemKind.class);
    private final Deque<Path> mounted = new ArrayDeque<>();
    private Optional<OpenedFile> held = Optional.empty();

    RealStage(Linux linux) throws IOException {
        this.linux = linux;
        this.directory = Files.createTempDirectory("labeler-stage").toRealPath();
        // Tests that act as other users come through here.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Override
    public Linux linux() {
        return linux;
    }

    @Override
    public HostPath root(FileSystemKind kind) throws Exception {
        HostPath known = roots.get(kind);
        if (known != null) {
            return known;
        }
        Path root = Files.createDirectory(directory.resolve(kind.name()));
        switch (kind) {
            case ORDINARY -> {
                // Without root the temporary directory is used, on any file system.
                if (RequiredCapability.ROOT.isThere()) {
                    mountExt4(root, directory.resolve("ordinary.ext4"), 16 << 20, 4096);
                } else {
                    RequiredCapability.ROOT.assumeOnlyIfAllIsRequired();
                }
            }
            case WITHOUT_ATTRIBUTES -> mount(root, "-t", "ramfs", "none");
            case READ_ONLY -> readOnly(root);
            case FULL -> full(root);
        }
        HostPath made = HostPath.of(root.toString());
        roots.put(kind, made);
        return made;
    }

    private void readOnly(Path root) throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        mount(source, "-t", "tmpfs", "none");
        HostPath file = HostPath.of(source.resolve("file").toString());
        file(file, new byte[0]);
        try (OpenedFile opened = (OpenedFile) linux.open().open(file, OpenRequest.IMAGE)) {
            linux.attributes().set(opened, new AttributeName("user.kept"), new byte[] {1});
        }
        mount(root, "--bind", source.toString());
        run("mount", "-o", "remount,ro,bind", root.toString());
    }

    private void full(Path root) throws Exception {
        Path image = directory.resolve("full.ext4");
        mountExt4(root, image, 1 << 20, 1024);
        file(HostPath.of(root.resolve("file").toString()), new byte[0]);
        // ext4 fills until ENOSPC; dd ends with an error then, as it should.
        Process fill = new ProcessBuilder("dd", "if=/dev/zero", "of=" + root.resolve("ballast"), "bs=1k", "status=none")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!fill.waitFor(60, TimeUnit.SECONDS)) {
            fill.destroyForcibly();
            throw new IOException("filling the file system took too long");
        }
    }

    private void mountExt4(Path root, Path image, int size, int blockSize) throws Exception {
        run("truncate", "-s", Integer.toString(size), image.toString());
        // Inodes of 256 bytes keep birth times, and room for small attributes but not for large ones.
        run(
                "mkfs.ext4",
                "-q",
                "-m",
                "0",
                "-I",
                "256",
                "-b",
                Integer.toString(blockSize),
                "-O",
                "^has_journal",
                image.toString());
        mount(root, "-o", "loop", image.toString());
    }

    private void mount(Path point, String... arguments) throws Exception {
        RequiredCapability.ROOT.assume();
        String[] command = new String[arguments.length + 2];
        command[0] = "mount";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        command[command.length - 1] = point.toString();
        run(command);
        mounted.push(point);
    }

    static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output.strip());
        }
    }

    /** Runs a shell line whose positional parameters are these paths, as raw bytes: Java's own would be re-encoded. */
    private static void shell(String line, HostPath... paths) throws Exception {
        StringBuilder quoted = new StringBuilder("set --");
        for (HostPath path : paths) {
            quoted.append(" '")
                    .append(new String(path.bytes(), ISO_8859_1).replace("'", "'\\''"))
                    .append('\'');
        }
        Process process =
                new ProcessBuilder("sh", "-e").redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write((quoted + "\n" + line + "\n").getBytes(ISO_8859_1));
        }
        String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(line + ": " + output.strip());
        }
    }

    @Override
    public void file(HostPath path, byte[] content) throws Exception {
        Path source = Files.createTempFile(directory, "content", "");
        Files.write(source, content);
        shell("umask 022; rm -f \"$2\"; cat \"$1\" > \"$2\"", HostPath.of(source.toString()), path);
        Files.delete(source);
    }

    @Override
    public void directory(HostPath path) throws Exception {
        shell("mkdir \"$1\"", path);
    }

    @Override
    public void give(HostPath path, FileUser owner) throws Exception {
        run("chown", owner.toString(), path.printable());
    }

    @Override
    public void giveLink(HostPath link, FileUser owner) throws Exception {
        run("chown", "-h", owner.toString(), link.printable());
    }

    @Override
    public void open(HostPath directory) throws Exception {
        run("chmod", "777", directory.printable());
    }

    @Override
    public void symbolicLink(HostPath path, HostPath target) throws Exception {
        shell("ln -s \"$1\" \"$2\"", target, path);
    }

    @Override
    public void hardLink(HostPath existing, HostPath path) throws Exception {
        shell("ln \"$1\" \"$2\"", existing, path);
    }

    @Override
    public void fifo(HostPath path) throws Exception {
        shell("mkfifo \"$1\"", path);
    }

    @Override
    public void socket(HostPath path) throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path.printable()));
        }
    }

    @Override
    public void characterDevice(HostPath path) throws Exception {
        RequiredCapability.ROOT.assume();
        shell("mknod \"$1\" c 1 3", path);
    }

    @Override
    public void rename(HostPath from, HostPath to) throws Exception {
        shell("mv -T \"$1\" \"$2\"", from, to);
    }

    @Override
    public void delete(HostPath path) throws Exception {
        shell("rm \"$1\"", path);
    }

    @Override
    public HostPath throughMagicLink(HostPath file) {
        OpenedFile opened = (OpenedFile) linux.open().open(file, OpenRequest.IMAGE);
        held = Optional.of(opened);
        return HostPath.of("/proc/self/fd/" + opened.descriptor().number());
    }

    @Override
    public void needsPrivileges() {
        RequiredCapability.ROOT.assume();
    }

    @Override
    public void clear() throws Exception {
        held.ifPresent(OpenedFile::close);
        while (!mounted.isEmpty()) {
            run("umount", mounted.pop().toString());
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
