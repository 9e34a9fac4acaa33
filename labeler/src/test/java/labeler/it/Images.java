package labeler.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Images in a directory, and the command lines of VMs that use them. */
record Images(Path directory) {
    /** A label that a base may have before any VM uses it. */
    static final String HOME = "unconfined_u:object_r:user_home_t:s0";

    /** All zeroes: content that is certainly no other format. */
    private static final int RAW_SIZE = 1 << 20;

    static Images in(Path directory) throws IOException {
        return new Images(Files.createDirectories(directory));
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    Path raw(String name) throws IOException {
        try (FileChannel file = FileChannel.open(path(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(1), RAW_SIZE - 1);
        }
        return path(name);
    }

    /** A raw image with {@link #HOME} as its label. */
    Path labelledRaw(String name) throws IOException {
        Attributes.label(raw(name), HOME);
        return path(name);
    }

    Path overlay(String name, Path base) throws IOException {
        return create(name, "-b", base.toString(), "-F", "raw");
    }

    /** A qcow2 overlay of another image, with its clusters in a separate file. */
    Path overlayWithData(String name, Path base, Path data) throws IOException {
        return create(name, "-b", base.toString(), "-F", "qcow2", "-o", "data_file=" + data + ",data_file_raw=off");
    }

    Path create(String name, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        command.addAll(List.of(options));
        command.add(path(name).toString());
        Command.done(command.toArray(String[]::new));
        return path(name);
    }

    /** A qemu that does nothing, with these options. */
    static List<String> qemu(String... options) {
        List<String> argv =
                new ArrayList<>(List.of("qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S"));
        argv.addAll(List.of(options));
        return argv;
    }

    static String disk(Path image, String format) {
        return "if=none,id=" + image.getFileName().toString().replaceAll("[^a-z0-9]", "-") + ",format=" + format
                + ",file=" + image;
    }

    static List<String> qemuWithOverlay(Path overlay) {
        return qemu("-drive", disk(overlay, "qcow2"));
    }

    static List<String> qemuWithRaw(Path image) {
        return qemu("-drive", disk(image, "raw"));
    }

    static List<String> with(List<String> first, List<String> then) {
        List<String> all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }
}
