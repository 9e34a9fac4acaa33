package labeler.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Random chains made by qemu-img: all its formats, up to five layers, over several directories, with names that are
 * awkward on a command line.
 */
final class ImagePool {
    static final long SIZE = 1 << 20;
    private static final int CLUSTERS = 16;
    private static final int MAXIMUM_DEPTH = 5;

    private static final List<String> WITHOUT_BACKING = List.of("raw", "raw", "vdi", "vhdx", "vpc", "parallels");
    private static final List<String> WITH_BACKING =
            List.of("qcow2", "qcow2", "qcow2", "qcow2 v2", "qcow2 data", "qed");
    private static final List<String> AWKWARD = List.of("", "", "", ",", ", ,,", " x", "=on", "'q", "\\", "\"", "%41");

    /**
     * An image.
     *
     * @param driver qemu's name for its format
     * @param files all files of its chain, including data files
     */
    record Image(Path path, String driver, Optional<Image> backing, List<Path> files) {
        Image {
            files = List.copyOf(files);
        }

        /** Whether its header cannot tell the format of its backing file, so that the command line has to. */
        boolean needsDeclaredBacking() {
            return backing.isPresent()
                    && (driver.equals("vmdk")
                            || (driver.equals("qed") && !backing.get().driver.equals("raw")));
        }
    }

    private final Random random;
    private final Path process;
    private final List<Path> directories;
    private final List<Image> tops = new ArrayList<>();
    /** Images that only others build on. */
    private final List<Image> bases = new ArrayList<>();

    private int made;

    /**
     * An empty pool.
     *
     * @param process the directory of the qemu process
     */
    ImagePool(Random random, Path process, List<Path> directories) {
        this.random = random;
        this.process = process;
        this.directories = List.copyOf(directories);
    }

    List<Image> tops() {
        return List.copyOf(tops);
    }

    /** Adds a raw image, the format of a board's short forms. */
    void addRaw() throws IOException {
        tops.add(make("raw", Optional.empty()));
    }

    void addChain() throws IOException {
        int depth = 1 + random.nextInt(MAXIMUM_DEPTH);
        Optional<Image> below =
                depth > 1 && !bases.isEmpty() && random.nextInt(3) == 0 ? Optional.of(any(bases)) : Optional.empty();
        for (int level = depth; level > 1; level--) {
            Image base = make(any(formats(below)), below);
            // A format can be declared only directly below a top.
            if (!base.needsDeclaredBacking()) {
                bases.add(base);
                below = Optional.of(base);
            }
        }
        tops.add(make(any(formats(below)), below));
    }

    private static List<String> formats(Optional<Image> below) {
        List<String> formats = new ArrayList<>(WITH_BACKING);
        if (below.isEmpty()) {
            formats.addAll(WITHOUT_BACKING);
        }
        if (below.isEmpty() || below.get().driver().equals("vmdk")) {
            // Only vmdk can be below vmdk.
            formats.addAll(List.of("vmdk", "vmdk"));
        }
        return formats;
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private Image make(String kind, Optional<Image> backing) throws IOException {
        String driver = kind.split(" ", -1)[0];
        // A vmdk keeps names in a text, in quotation marks.
        Path path = newPath(driver.equals("vmdk") ? "" : any(AWKWARD));
        List<Path> files = new ArrayList<>(List.of(path));
        backing.ifPresent(below -> files.addAll(below.files()));
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", driver));
        switch (kind) {
            case "qcow2 v2" -> command.addAll(List.of("-o", "compat=0.10"));
            case "vmdk" -> command.addAll(List.of("-o", "subformat=monolithicSparse"));
            case "vpc" -> command.addAll(List.of("-o", "force_size=on"));
            case "qcow2 data" -> {
                Path data = newPath(any(List.of("", " d", "'")));
                files.add(data);
                // Relative to the process, unlike the name of a backing file.
                String name = random.nextBoolean()
                        ? data.toString()
                        : process.relativize(data).toString();
                command.addAll(List.of("-o", "data_file=" + name));
            }
            default -> {}
        }
        backing.ifPresent(below -> command.addAll(List.of("-F", below.driver(), "-b", name(path, below.path()))));
        command.add(path.toString());
        if (backing.isEmpty()) {
            command.add(Long.toString(SIZE));
        }
        run(command);
        write(path, driver);
        return new Image(path, driver, backing, files);
    }

    private Path newPath(String awkward) throws IOException {
        Path directory = any(directories);
        if (random.nextInt(4) == 0) {
            directory = Files.createDirectories(directory.resolve("sub"));
        }
        made++;
        return directory.resolve("i" + made + awkward);
    }

    /** The name in an overlay's header: in full, or relative to the overlay. */
    private String name(Path overlay, Path backing) {
        return random.nextBoolean()
                ? backing.toString()
                : overlay.resolveSibling(".").normalize().relativize(backing).toString();
    }

    private void write(Path path, String driver) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-io", "-f", driver));
        int pattern = 1 + random.nextInt(255);
        IntStream.range(0, CLUSTERS)
                .filter(_ -> random.nextInt(4) == 0)
                .forEach(
                        cluster -> command.addAll(List.of("-c", "write -P " + pattern + " " + cluster * 64 + "k 64k")));
        command.add(path.toString());
        run(command);
    }

    private void run(List<String> command) throws IOException {
        List<String> there = new ArrayList<>(List.of("env", "-C", process.toString()));
        there.addAll(command);
        Command.done(there.toArray(String[]::new));
    }

    @Override
    public String toString() {
        return Arrays.toString(tops.toArray());
    }
}
