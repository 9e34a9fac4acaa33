package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import labeler.chain.Chain;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.Problem;
import labeler.chain.fuzz.Seeds;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.HostileInputs;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.RequiresCommands;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares each image of the other tests, the fuzzers' seeds and the hostile inputs with the files that qemu opens for
 * it, and the format that qemu detects.
 */
@RequiresCommands({"qemu-img", "qemu-io", "strace", "prlimit"})
class CorpusOracleTest {
    private static final int INDENTATION = 4;

    /** Images that qemu opens and that are refused here; qemu may then open more files than are listed. */
    private static final Map<Problem.Kind, String> STRICTER = Map.of(
            Problem.Kind.FORMAT_UNSPECIFIED, "qemu guesses the format of a backing file (CVE-2010-2238)",
            Problem.Kind.FORMAT_MISMATCH, "qemu reads an image as its own raw backing file",
            Problem.Kind.LOOP, "qemu reads a file twice if the second time is raw",
            Problem.Kind.UNSUPPORTED, "qemu shows a differencing disk as if it had no parent",
            Problem.Kind.MALFORMED, "qemu reads zeros behind the end of a file, and opens a disk without an extent",
            Problem.Kind.TOO_MANY, "qemu has no limit: extensions, extents, names and their sum",
            Problem.Kind.TOO_DEEP, "qemu goes on until it has no descriptors left");

    /** Images that qemu probes as raw, and other programs as another format: a reason to refuse them undeclared. */
    private static final Map<ImageFormat, String> RAW_TO_QEMU = Map.of(
            ImageFormat.COW, "no qemu of today has it",
            ImageFormat.PARALLELS_DISK, "no image",
            ImageFormat.LUKS, "qemu probes version 1 alone",
            ImageFormat.DMG, "qemu goes by the file's name",
            ImageFormat.BOCHS, "qemu looks at the kind and the version as well");

    private static final Map<String, String> TAKES_QEMU_LONG =
            Map.of("extensions/image", "ten seconds for 262,000 empty header extensions");

    @TempDir
    private Path directory;

    private record Sample(Qemu.Top top, ImageRequest.FormatChoice format) {}

    private List<Sample> samples() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (Map.Entry<ImageFormat, List<byte[]>> format : Seeds.images().entrySet()) {
            for (byte[] image : format.getValue()) {
                Path place = Files.createDirectory(directory.resolve("seed" + samples.size()));
                // The files that the seeds name: the seeds are parsed alone elsewhere.
                new ImageDirectory(place)
                        .write("image", image)
                        .raw("base")
                        .raw("data")
                        .write("disk", new byte[1 << 20])
                        .write("s1", VmdkBuilder.sparseFile())
                        .write("s2", VmdkBuilder.sparseFile())
                        .write("parent", VmdkBuilder.sparseFile());
                samples.add(new Sample(
                        new Qemu.Top(place, format.getKey().driver(), "image"),
                        new ImageRequest.Declared(format.getKey())));
            }
        }
        Path hostile = Files.createDirectory(directory.resolve("hostile"));
        for (HostileInputs.Input input : HostileInputs.write(new ImageDirectory(hostile))) {
            if (input.name().startsWith("/") || TAKES_QEMU_LONG.containsKey(input.name())) {
                continue;
            }
            // Once for each directory: qemu is asked about the format for which the image was made, which is the first.
            Path place = hostile.resolve(input.name().substring(0, input.name().lastIndexOf('/')));
            if (input.format() instanceof ImageRequest.Declared declared
                    && samples.stream()
                            .noneMatch(sample -> sample.top().directory().equals(place))) {
                samples.add(new Sample(new Qemu.Top(place, declared.format().driver(), "image"), declared));
            }
        }
        return samples;
    }

    @Test
    void for_every_image_that_qemu_opens_it_opens_what_is_listed_or_the_difference_has_a_reason() throws IOException {
        List<Sample> samples = samples().stream()
                .filter(sample -> ImageFormat.ofDriver(sample.top().format()).isPresent())
                .toList();
        List<Qemu.Opened> opened =
                Qemu.openedForEach(samples.stream().map(Sample::top).toList());
        int both = 0;
        for (int i = 0; i < samples.size(); i++) {
            Qemu.Top top = samples.get(i).top();
            String what = top + opened.get(i).output();
            try (Chain<DirectoryOpener.OpenedFile> chain = new ImageDirectory(top.directory())
                    .walk(ImageDirectory.request(top.name(), samples.get(i).format()))) {
                Set<Path> files = new TreeSet<>();
                chain.nodes().forEach(node -> files.add(RealPath.of(node.file().path())));
                if (chain.isComplete() && opened.get(i).succeeded()) {
                    assertThat(files).as(what).isEqualTo(opened.get(i).files());
                    both++;
                } else if (opened.get(i).succeeded()) {
                    assertThat(chain.problems())
                            .as(what)
                            .extracting(Problem::kind)
                            .isSubsetOf(STRICTER.keySet());
                    assertThat(opened.get(i).files()).as(what).containsAll(files);
                }
            }
        }
        System.out.println("CorpusOracleTest: both open " + both + " of " + samples.size());
        assertThat(both).isGreaterThan(15);
    }

    @Test
    void the_detected_format_is_the_one_that_qemu_probes_or_the_difference_has_a_reason() throws IOException {
        List<Sample> samples = new ArrayList<>(samples());
        Path discs = Files.createDirectory(directory.resolve("discs"));
        new ImageDirectory(discs).write("image", OtherImages.iso9660()).write("qcow2.img", Qcow2Builder.v2());
        samples.add(new Sample(new Qemu.Top(discs, "raw", "image"), new ImageRequest.Detect()));
        samples.add(new Sample(new Qemu.Top(discs, "qcow2", "qcow2.img"), new ImageRequest.Detect()));
        int same = 0;
        for (Sample sample : samples) {
            Qemu.Result info = new Qemu(sample.top().directory())
                    .run(List.of(
                            "qemu-img", "info", "--output=json", sample.top().name()));
            if (!info.succeeded()) {
                continue;
            }
            String probed = info.value(INDENTATION, "format").orElseThrow();
            try (Chain<DirectoryOpener.OpenedFile> chain = new ImageDirectory(
                            sample.top().directory())
                    .walk(ImageDirectory.request(sample.top().name(), new ImageRequest.Detect()))) {
                ImageFormat detected = chain.nodes().getFirst().format();
                if (probed.equals(detected.driver())) {
                    same++;
                } else {
                    assertThat(probed).as(sample.toString()).isEqualTo("raw");
                    assertThat(RAW_TO_QEMU).as(sample.toString()).containsKey(detected);
                }
            }
        }
        System.out.println("CorpusOracleTest: both take " + same + " of " + samples.size() + " for the same");
        assertThat(same).isGreaterThan(25);
    }
}
