package labeler.vm.qemu.option;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A directory in which one qemu starts, with what the options of a form need. */
record TriedDirectory(Path path, Path file, ServerSocketChannel listener) implements AutoCloseable {
    /** Enough for a disk, and for the memory of a guest. */
    private static final int SIZE = 1 << 20;

    /**
     * A new directory.
     *
     * @param keys certificates and keys ({@link #makeKeys})
     */
    static TriedDirectory make(Path path, TriedForm.Named named, Path keys) throws IOException, InterruptedException {
        Files.createDirectory(path);
        Path file = path.resolve("x");
        TriedDirectory made = new TriedDirectory(path, file, ServerSocketChannel.open(StandardProtocolFamily.UNIX));
        switch (named) {
            case FILE -> {
                try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
                    empty.setLength(SIZE);
                }
            }
            case NEW -> {}
            case SOCKET -> made.listen();
            case PIPE -> run(path, List.of("mkfifo", "x.in", "x.out"));
            case TREE -> {
                Files.createDirectory(file);
                Files.writeString(file.resolve("below"), "x");
            }
            case KEYS -> copy(keys, file);
        }
        Files.write(path.resolve("kernel"), kernel());
        copy(keys, path.resolve("keys"));
        return made;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Takes every connection and says nothing. */
    private void listen() throws IOException {
        listener.bind(UnixDomainSocketAddress.of(file));
        Thread.ofVirtual().start(() -> {
            while (listener.isOpen()) {
                try {
                    listener.accept().close();
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    /** The begin of a kernel, as qemu reads it: https://docs.kernel.org/arch/x86/boot.html. */
    private static byte[] kernel() {
        ByteBuffer kernel = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        kernel.put(0x1f1, (byte) 1); // sectors of the setup code
        kernel.putShort(0x1fe, (short) 0xaa55);
        kernel.put(0x202, (byte) 'H')
                .put(0x203, (byte) 'd')
                .put(0x204, (byte) 'r')
                .put(0x205, (byte) 'S');
        kernel.putShort(0x206, (short) 0x20f); // the protocol
        kernel.put(0x211, (byte) 1); // loaded high
        kernel.putInt(0x22c, 0x7fffffff); // the highest address of an initrd
        return kernel.array();
    }

    /** Certificates and keys by all the names that qemu looks for in a directory. */
    static void makeKeys(Path directory) throws IOException, InterruptedException {
        run(
                directory,
                List.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-subj",
                        "/CN=x",
                        "-keyout",
                        "server-key.pem",
                        "-out",
                        "server-cert.pem",
                        "-quiet"));
        Files.copy(directory.resolve("server-key.pem"), directory.resolve("client-key.pem"));
        for (String name : List.of("ca-cert.pem", "client-cert.pem")) {
            Files.copy(directory.resolve("server-cert.pem"), directory.resolve(name));
        }
        Files.writeString(directory.resolve("keys.psk"), "qemu:1234\n", StandardCharsets.US_ASCII);
    }

    static void run(Path directory, List<String> command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command)
                .directory(directory.toFile())
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException(command + " ended with " + status);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
