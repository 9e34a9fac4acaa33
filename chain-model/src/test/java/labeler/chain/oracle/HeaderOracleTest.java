package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import labeler.chain.FileName;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.format.qcow2.Qcow2Reader;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ReadBudget;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.MemoryImage;
import labeler.chain.testing.Mutants;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.RequiresCommands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single headers, also hostile ones, against {@code qemu-img info}. {@code -Dlabeler.seed=N} repeats a run. */
@RequiresCommands("qemu-img")
class HeaderOracleTest {
    private static final int INDENTATION = 4;
    private static final int MUTANTS = 400;
    private static final byte[] NOTHING = {};

    @TempDir
    private Path directory;

    private record Case(String name, Qcow2Builder image) {}

    @Test
    void qemu_refuses_what_is_refused_and_reads_the_names_that_are_read() {
        Qemu qemu = new Qemu(directory);
        for (Case header : cases()) {
            byte[] image = header.image().build();
            assertAgreement(header.name(), image, qemu);
            boolean taken = parse(image) instanceof ParseResult.Parsed;
            assertThat(taken).as(header.name()).isEqualTo(info(qemu, image).succeeded());
        }
    }

    @Test
    void no_mutant_is_taken_for_another_reference_than_qemu_reads() {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("HeaderOracleTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        Qemu qemu = new Qemu(directory);
        int taken = 0;
        int refusedByQemu = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] image = Mutants.of(random);
            if (assertAgreement("seed " + seed + ", mutant " + i, image, qemu)) {
                taken++;
            } else if (parse(image) instanceof ParseResult.Parsed) {
                refusedByQemu++;
            }
        }
        System.out.println("HeaderOracleTest: both take " + taken + " of " + MUTANTS + " mutants, only qemu refuses "
                + refusedByQemu);
        assertThat(taken).isGreaterThan(MUTANTS / 10);
        assertThat(refusedByQemu).isLessThan(MUTANTS / 20);
    }

    /**
     * Whether both accept it, and then with the same names. qemu may refuse more, since it looks into tables, and less,
     * since it reads zeros behind the end of a file.
     */
    private boolean assertAgreement(String description, byte[] image, Qemu qemu) {
        if (!(parse(image) instanceof ParseResult.Parsed parsed)) {
            return false;
        }
        Qemu.Result info = info(qemu, image);
        if (!info.succeeded()) {
            return false;
        }
        Optional<Reference.Backing> backing = parsed.references().stream()
                .filter(Reference.Backing.class::isInstance)
                .map(Reference.Backing.class::cast)
                .findFirst();
        Optional<String> name = info.value(INDENTATION, "backing-filename");
        assertThat(backing.isPresent()).as(description).isEqualTo(name.isPresent());
        if (backing.isPresent() && isPlain(backing.get().name())) {
            assertThat(backing.get().name().toString()).as(description).isEqualTo(name.get());
        }
        Optional<FileName> format = backing.map(Reference.Backing::format)
                .filter(Reference.Driver.class::isInstance)
                .map(driver -> ((Reference.Driver) driver).name())
                .filter(HeaderOracleTest::isPlain);
        if (format.isPresent()) {
            assertThat(info.value(INDENTATION, "backing-filename-format"))
                    .as(description)
                    .contains(format.get().toString());
        }
        parsed.references().stream()
                .filter(Reference.DataFile.class::isInstance)
                .flatMap(reference -> ((Reference.DataFile) reference).name().stream())
                .filter(HeaderOracleTest::isPlain)
                .forEach(data -> assertThat(info.value(INDENTATION + 8, "data-file"))
                        .as(description)
                        .contains(data.toString()));
        return true;
    }

    private static boolean isPlain(FileName name) {
        return name.utf8()
                .filter(text -> text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\'))
                .isPresent();
    }

    private Qemu.Result info(Qemu qemu, byte[] image) {
        new ImageDirectory(directory).write("image", image);
        return qemu.info("qcow2", "image");
    }

    private static ParseResult parse(byte[] image) {
        return new Qcow2Reader().parse(new BoundedReader(new MemoryImage(image), ReadBudget.HEADER));
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int bits : new int[] {0, 8, 9, 12, 16, 21, 22, 31, 63}) {
            cases.add(new Case(
                    "cluster_bits " + bits,
                    bits >= 9 && bits <= 21
                            ? overlay().clusterBits(bits)
                            : overlay().patch32(20, bits)));
        }
        for (int length : new int[] {96, 103}) {
            cases.add(new Case("header_length " + length, overlay().patch32(100, length)));
        }
        for (int length : new int[] {104, 105, 112, 113, 512}) {
            cases.add(new Case("header_length " + length, overlay().headerLength(length)));
        }
        for (long length : new long[] {0, 1, 1023, 1024, 0xffffffffL}) {
            cases.add(new Case("backing_size " + length, overlay().patch32(16, length)));
        }
        for (long offset : new long[] {0, 1, 4, 65535, 65536, 65537, Long.MIN_VALUE, -1}) {
            cases.add(new Case("backing_offset " + offset, overlay().patch64(8, offset)));
            cases.add(new Case(
                    "empty name at " + offset, overlay().patch64(8, offset).patch32(16, 0)));
        }
        for (int bit : new int[] {0, 1, 3, 4, 5, 63}) {
            cases.add(new Case("incompatible bit " + bit, overlay().incompatible(1L << bit)));
        }
        cases.add(new Case("external data without a name", overlay().incompatible(4)));
        cases.add(new Case(
                "all compatible and autoclear bits", overlay().patch64(80, -1).patch64(88, -1)));
        for (int[] field : new int[][] {
            {32, 1},
            {32, 2},
            {32, 3},
            {36, 0},
            {36, 4194305},
            {36, -1},
            {56, 0},
            {56, 128},
            {56, 129},
            {56, -1},
            {60, 65537},
            {60, -1},
            {96, 0},
            {96, 6},
            {96, 7},
            {4, 0},
            {4, 1},
            {4, 4}
        }) {
            cases.add(new Case("field " + field[0] + " = " + field[1], overlay().patch32(field[0], field[1])));
        }
        for (int field : new int[] {40, 48, 64}) {
            cases.add(new Case("unaligned offset at " + field, overlay().patch64(field, 65537)));
            cases.add(new Case("negative offset at " + field, overlay().patch64(field, -65536)));
        }
        cases.add(new Case("size 2^62", overlay().patch64(24, 1L << 62)));
        for (int type : new int[] {0, 1, 2}) {
            Qcow2Builder image = overlay().headerLength(112).patch(bytes -> bytes.put(104, (byte) type));
            cases.add(new Case("compression type " + type, image));
        }
        cases.addAll(extensionCases());
        return cases;
    }

    private static List<Case> extensionCases() {
        return List.of(
                new Case("format of 15 bytes", v3().backingFormat("f".repeat(15))),
                new Case("format of 16 bytes", v3().backingFormat("f".repeat(16))),
                new Case("format with NUL", v3().backingFormat("raw\0x")),
                new Case("two formats", v3().backingFormat("qcow2").backingFormat("raw")),
                new Case(
                        "format, then an empty one", v3().backingFormat("qcow2").backingFormat("")),
                new Case("format after the end", v3().extension(0, NOTHING).backingFormat("raw")),
                new Case("end with a length", v3().extension(0, NOTHING, 8)),
                new Case("end beyond", v3().extension(0, NOTHING, -1)),
                new Case("unknown beyond", v3().extension(7, NOTHING, 1 << 20)),
                new Case("no end mark", v3().withoutEndMark().backingFormat("raw")),
                new Case("LUKS pointer without LUKS", v3().extension(Qcow2Builder.LUKS_POINTER, new byte[16])),
                new Case("bitmaps of 8 bytes", v3().extension(Qcow2Builder.BITMAPS, new byte[8])),
                new Case("data file", v3().dataFile("data")),
                new Case("two data files", v3().dataFile("data").dataFile("other")),
                new Case("data file and NUL", v3().dataFile("data\0other")),
                new Case("raw data file", v3().dataFile("data").autoclear(2)),
                new Case(
                        "data file without the bit",
                        v3().extension(Qcow2Builder.DATA_FILE, "data".getBytes(StandardCharsets.US_ASCII))),
                new Case(
                        "half an extension",
                        v3().withoutEndMark().patch64(8, 108).patch32(16, 4)),
                new Case(
                        "version 2 with data file",
                        Qcow2Builder.v2().backing("base").dataFile("data")),
                new Case("extended L2, 8 KiB", v3().incompatible(16).clusterBits(13)),
                new Case("extended L2, 16 KiB", v3().incompatible(16).clusterBits(14)),
                new Case("zstd", v3().headerLength(112).incompatible(8).patch(bytes -> bytes.put(104, (byte) 1))));
    }

    private static Qcow2Builder v3() {
        return Qcow2Builder.v3().backing("base");
    }

    private static Qcow2Builder overlay() {
        return Qcow2Builder.overlay("base", "raw");
    }
}
