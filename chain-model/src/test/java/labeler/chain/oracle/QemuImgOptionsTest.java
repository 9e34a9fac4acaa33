package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.RequiresCommands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every image that the installed qemu-img can make: each format with each of its options, as it lists them itself. An
 * option that is not in the table fails, so that a newer qemu's option is noticed.
 */
@RequiresCommands({"qemu-img", "qemu-io", "strace", "prlimit"})
class QemuImgOptionsTest {
    private static final Pattern OPTION = Pattern.compile("(?m)^  ([a-z0-9_.-]+)=<");
    private static final String SWITCHED = "on off";

    /** Needs a passphrase to be opened, so that no qemu-io opens it here. */
    private static final String SECRET = "key-secret=s";

    /** All options of LUKS at once: each such image takes seconds of qemu-img's time. */
    private static final String LUKS =
            "aes-256,cipher-mode=cbc,hash-alg=sha1,ivgen-alg=essiv,ivgen-hash-alg=sha256,key-secret=s,iter-time=10";

    /** The values with which an option is tested, separated by blanks; a comma begins another option that it needs. */
    private static final Map<String, String> VALUES = Map.ofEntries(
            Map.entry("adapter_type", "ide lsilogic buslogic legacyESX"),
            Map.entry("backing_file", "base,backing_fmt=FORMAT"),
            Map.entry("backing_fmt", "FORMAT,backing_file=base"),
            Map.entry("block_size", "1M 256M"),
            Map.entry("block_state_zero", SWITCHED),
            Map.entry("cipher-alg", LUKS),
            Map.entry("cluster_size", "1M"),
            Map.entry("qcow2 cluster_size", "512 4k 64k 2M"),
            Map.entry("qed cluster_size", "4k 64k 1M"),
            Map.entry("compat", "0.10 1.1 v2 v3"),
            Map.entry("compat6", SWITCHED),
            Map.entry("compression_type", "zlib zstd"),
            Map.entry("data_file", "data"),
            Map.entry("data_file_raw", "on,data_file=data off,data_file=data"),
            Map.entry("detached-header", "off,key-secret=s,iter-time=10"),
            Map.entry("encrypt.cipher-alg", LUKS.replace(",", ",encrypt.") + ",encrypt.format=luks"),
            Map.entry("qcow encrypt.format", "aes,encrypt.key-secret=s"),
            Map.entry("encryption", "on,encrypt.key-secret=s off"),
            Map.entry("extended_l2", SWITCHED),
            Map.entry("force_size", SWITCHED),
            Map.entry("hwversion", "4 10"),
            Map.entry("lazy_refcounts", SWITCHED),
            Map.entry("log_size", "1M 4M"),
            Map.entry("preallocation", "off metadata falloc full"),
            Map.entry("raw preallocation", "off falloc full"),
            Map.entry("refcount_bits", "1 2 4 8 16 32 64"),
            Map.entry("size", "4M"),
            Map.entry("luks size", "4M,key-secret=s,iter-time=10"),
            Map.entry("static", SWITCHED),
            Map.entry("subformat", "dynamic fixed"),
            Map.entry(
                    "vmdk subformat",
                    "monolithicSparse monolithicFlat twoGbMaxExtentSparse twoGbMaxExtentFlat streamOptimized"),
            Map.entry("table_size", "1 2 16"),
            Map.entry("toolsversion", "2147483647"),
            Map.entry("zeroed_grain", SWITCHED));

    /** Facts that qemu's headers cannot record, or that are refused for it: see docs/formats.md. */
    private static final Map<String, String> WITHOUT_FORMAT = Map.of(
            "qcow", "its header has no place for the format of its backing file",
            "qed", "its header can say raw and nothing else");

    /** Images that qemu-img makes and no qemu opens. */
    private static final Map<String, String> NOT_OPENED_BY_QEMU =
            Map.of("qed table_size=1", "it puts the table where it then wants none");

    @TempDir
    private Path directory;

    private final List<Made> made = new ArrayList<>();

    private record Made(Qemu.Top top, String options, boolean encrypted) {}

    private static List<String> formats() {
        return Stream.of(ImageFormat.values())
                .filter(ImageFormat::isQemus)
                .map(ImageFormat::driver)
                .toList();
    }

    private List<String> options(String format) {
        Qemu.Result help = new Qemu(directory).run(List.of("qemu-img", "create", "-f", format, "-o", "help"));
        return OPTION.matcher(help.output())
                .results()
                .map(MatchResult::group)
                .map(option -> option.substring(2, option.length() - 2))
                .toList();
    }

    private void make(String format, String options) {
        Path place = directory.resolve("image" + made.size());
        try {
            Files.createDirectory(place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Qemu qemu = new Qemu(place);
        if (options.contains("backing_file")) {
            assertThat(qemu.run(List.of("qemu-img", "create", "-q", "-f", format, "base", "4M"))
                            .status())
                    .isZero();
        }
        // The size is an option as well, and may be given only once.
        String sized = options.startsWith("size=") ? options : options + ",size=4M";
        Qemu.Result result = qemu.run(List.of(
                "qemu-img",
                "create",
                "-q",
                "--object",
                "secret,id=s,data=password",
                "-f",
                format,
                "-o",
                sized.replace("FORMAT", format),
                "image"));
        assertThat(result.status())
                .as("%s %s: %s", format, options, result.output())
                .isZero();
        made.add(new Made(
                new Qemu.Top(place, format, "image"),
                options,
                options.contains(SECRET) || options.contains("encrypt.key-secret") || format.equals("luks")));
    }

    private void convert(String format, String... options) {
        Path place = directory.resolve("image" + made.size());
        List<String> command = new ArrayList<>(List.of("qemu-img", "convert", "-q", "-f", "raw", "-O", format));
        command.addAll(List.of(options));
        try {
            Files.createDirectory(place);
            Path source = Files.write(directory.resolve("source"), new byte[1 << 20]);
            command.addAll(List.of(source.toString(), "image"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Qemu.Result result = new Qemu(place).run(command);
        assertThat(result.status()).as("%s: %s", command, result.output()).isZero();
        made.add(new Made(new Qemu.Top(place, format, "image"), String.join(" ", command), false));
    }

    @Test
    void every_format_with_every_option_is_read_as_qemu_reads_it() throws IOException {
        List<String> unknown = new ArrayList<>();
        for (String format : formats()) {
            String tried = ",";
            for (String option : options(format)) {
                if (tried.contains("," + option + "=")) {
                    continue;
                }
                String values = VALUES.getOrDefault(format + " " + option, VALUES.getOrDefault(option, ""));
                if (values.isEmpty()) {
                    unknown.add(format + " " + option);
                }
                for (String value : values.split(" ", -1)) {
                    make(format, option + "=" + value);
                    tried += option + "=" + value + ",";
                }
            }
        }
        assertThat(unknown).as("options that nothing here tries").isEmpty();
        for (String format : List.of("raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vpc", "vhdx", "parallels")) {
            convert(format);
        }
        convert("qcow2", "-c");
        convert("qcow2", "-c", "-o", "compression_type=zstd");
        // Not qcow: there qemu-img 10.0 ends with status 1 and no message.
        convert("vmdk", "-c", "-o", "subformat=streamOptimized");
        assertThat(made).hasSizeGreaterThan(90);
        List<Qemu.Opened> opened =
                Qemu.openedForEach(made.stream().map(Made::top).toList());
        for (int i = 0; i < made.size(); i++) {
            assertSame(made.get(i), opened.get(i));
        }
    }

    private void assertSame(Made image, Qemu.Opened opened) throws IOException {
        String what = image.top().format() + " " + image.options();
        try (Chain<DirectoryOpener.OpenedFile> chain = new ImageDirectory(
                        image.top().directory())
                .walk(ImageRequest.followingHeaders(
                        FileName.of("image"),
                        new ImageRequest.Declared(
                                ImageFormat.ofDriver(image.top().format()).orElseThrow()),
                        Access.READ_ONLY,
                        new ImageRequest.BesideImage()))) {
            Set<Path> files = new TreeSet<>();
            chain.nodes().forEach(node -> files.add(RealPath.of(node.file().path())));
            if (image.options().contains("backing_file")
                    && WITHOUT_FORMAT.containsKey(image.top().format())) {
                assertThat(chain.isComplete()).as(what).isFalse();
                assertThat(opened.files()).as(what).containsAll(files);
                return;
            }
            assertThat(chain.problems()).as(what).isEmpty();
            if (image.encrypted()) {
                // All files that qemu-img made, since nothing here opens them without the passphrase.
                assertThat(files).as(what).isEqualTo(filesIn(image.top().directory()));
            } else if (!NOT_OPENED_BY_QEMU.containsKey(what)) {
                assertThat(opened.succeeded()).as(what + opened.output()).isTrue();
                assertThat(files).as(what).isEqualTo(opened.files());
            }
        }
    }

    private static Set<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Set<Path> all = new TreeSet<>();
            files.filter(file -> !file.endsWith("output")).map(RealPath::of).forEach(all::add);
            return all;
        }
    }
}
