package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.api.ApiJson;
import labeler.api.ChainAnswer;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import labeler.fileset.ImageLabels;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainTextTest {
    private static final ImageLabels UNLABELLED = file -> Optional.empty();

    @TempDir
    private Path directory;

    private ImageDirectory images;

    @BeforeEach
    void start() {
        images = new ImageDirectory(directory);
    }

    private String text(String top, ImageLabels labels) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk(top)) {
            new ChainText<>(new Terminal(stream, stream, Colours.NONE), chain, labels).print();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void each_file_has_its_format_size_access_and_label() {
        images.write("top", Qcow2Builder.overlay("base", "raw").dataFile("data"))
                .raw("base")
                .raw("data");

        assertThat(text("top", file -> Optional.of("u:object_r:t:s0")))
                .startsWith("""
                        top  qcow2 (declared), 1 MiB, read-write, u:object_r:t:s0
                        """)
                .contains("""
                        ├─ data-file: data  raw (implied), 4 KiB, read-write, u:object_r:t:s0
                        └─ backing: base  raw (header), 4 KiB, read-only, u:object_r:t:s0
                        """);
    }

    @Test
    void a_problem_stands_below_the_file_that_has_it_or_names_what_has_it() {
        images.write("top", Qcow2Builder.overlay("middle", "qcow2"))
                .write("middle", Qcow2Builder.overlay("nowhere", "qcow2").dataFile("data"))
                .raw("data");

        assertThat(text("top", UNLABELLED).lines())
                .satisfiesExactly(
                        top -> assertThat(top).startsWith("top  qcow2"),
                        middle -> assertThat(middle).startsWith("└─ backing: middle  qcow2"),
                        warning -> assertThat(warning)
                                .startsWith("   ├─ warning: AMBIGUOUS middle: its data file data is"),
                        problem -> assertThat(problem)
                                .startsWith("   ├─ problem: MISSING nowhere: ")
                                .contains("qemu-img rebase -u"),
                        data -> assertThat(data).startsWith("   └─ data-file: data  raw"));
    }

    @Test
    void a_top_that_is_not_there_is_one_problem_without_a_tree() {
        assertThat(text("nowhere", UNLABELLED))
                .startsWith("problem: MISSING nowhere: ")
                .hasLineCount(1);
    }

    @Test
    void what_is_not_a_file_stands_below_what_names_it_and_says_whether_qemu_opens_it() {
        images.write("top", Qcow2Builder.overlay("nbd://host/x", "raw"));
        assertThat(text("top", UNLABELLED))
                .contains("└─ backing: nbd://host/x  not a file here (nbd), qemu opens it\n");

        images.write("top", Qcow2Builder.overlay("we:ird", "raw"));
        assertThat(text("top", UNLABELLED))
                .contains("├─ backing: we:ird  not a file here (we), qemu does not open it\n");
    }

    @Test
    void what_json_names_is_shown_below_what_names_it() {
        images.write("top", Qcow2Builder.overlay("json:{'offset':1,'file':{'filename':'/a/b'}}", "raw"));

        assertThat(text("top", UNLABELLED)).contains("├─ backing: /a/b  a file, not looked into here, qemu opens it");
    }

    @Test
    void a_disc_is_said_to_be_one_in_words_and_in_json() {
        images.write("top", OtherImages.iso9660());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                Colours.NONE);
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images.walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            new ChainText<>(terminal, chain, UNLABELLED).print();
            terminal.print(ApiJson.write(ChainAnswer.of(FileName.of("top"), chain, UNLABELLED)));
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("top  raw (detected, holds iso9660), 34 KiB")
                .contains("\"content\": \"iso9660\"");
    }

    @Test
    void what_is_named_and_not_opened_is_shown_in_each_form() {
        images.write(
                "top", Qcow2Builder.v3().extension(Qcow2Builder.DATA_FILE, "data".getBytes(StandardCharsets.UTF_8)));

        assertThat(text("top", UNLABELLED)).contains("├─ data-file: data  qemu does not open it\n");
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk("top")) {
            assertThat(JsonWriter.compact(ApiJson.write(ChainAnswer.of(FileName.of("top"), chain, UNLABELLED))))
                    .contains("\"external\":[{\"reference\":\"data\",\"protocol\":\"qcow2\",\"role\":\"data-file\","
                            + "\"parent\":\"top\",\"followed\":false}]");
            assertThat(new ChainDot(chain, UNLABELLED).text())
                    .contains("u0 [style=dashed, label=\"data\"];", "n0 -> u0 [label=\"data-file\"];");
        }
    }

    private void layers(int count, String differentAt) {
        images.write("layer0", Qcow2Builder.overlay("layer1", "qcow2"));
        for (int i = 1; i < count; i++) {
            Qcow2Builder image = Qcow2Builder.overlay("layer" + (i + 1), i + 1 < count ? "qcow2" : "raw");
            images.write("layer" + i, ("layer" + i).equals(differentAt) ? image.size(2 << 20) : image);
        }
        images.raw("layer" + count);
    }

    @Test
    void up_to_twenty_equal_layers_are_all_shown() {
        layers(ChainText.LONGEST_RUN + 1, "");
        assertThat(text("layer0", UNLABELLED))
                .hasLineCount(ChainText.LONGEST_RUN + 2)
                .doesNotContain("more");
    }

    @Test
    void of_more_the_ends_are_shown_and_the_number_between() {
        layers(200, "");

        assertThat(text("layer0", UNLABELLED).lines().map(String::strip))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("layer0 "),
                        line -> assertThat(line).startsWith("└─ backing: layer1 "),
                        line -> assertThat(line).startsWith("└─ backing: layer2 "),
                        line -> assertThat(line).startsWith("└─ backing: layer3 "),
                        line -> assertThat(line).isEqualTo("└─ … 193 more like these; --json has all …"),
                        line -> assertThat(line).startsWith("└─ backing: layer197 "),
                        line -> assertThat(line).startsWith("└─ backing: layer198 "),
                        line -> assertThat(line).startsWith("└─ backing: layer199 "),
                        line -> assertThat(line).startsWith("└─ backing: layer200  raw"));
    }

    @Test
    void a_layer_that_differs_is_always_shown() {
        layers(100, "layer50");

        assertThat(text("layer0", UNLABELLED))
                .contains("backing: layer50  qcow2 (header), 2 MiB")
                .contains("… 43 more");
    }

    @Test
    void the_json_has_the_label_and_who_names_what_is_missing() {
        images.write("top", Qcow2Builder.overlay("nowhere", "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk("top")) {
            String json = JsonWriter.indented(
                    ApiJson.write(ChainAnswer.of(FileName.of("top"), chain, file -> Optional.of("u:object_r:t:s0"))));
            assertThat(json).contains("\"label\": \"u:object_r:t:s0\"", "\"namedBy\": \"top\"");
        }
    }

    @Test
    void the_graph_marks_problems_and_quotes_names() {
        images.write("to\"p", Qcow2Builder.overlay("nowhere", "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk("to\"p")) {
            assertThat(new ChainDot(chain, file -> Optional.of("u:object_r:t:s0")).text())
                    .isEqualTo("""
                            digraph chain {
                              node [shape=box];
                              n0 [label="to\\"p\\nqcow2, 1 MiB, read-write\\nu:object_r:t:s0", color=red];
                            }""");
        }
    }

    @Test
    void a_size_is_a_number_with_a_tenth_in_its_largest_unit() {
        assertThat(List.of(0L, 1023L, 1024L, 1280L, 1536L, 1_048_575L, 1L << 30, 2_013_265_920L, Long.MAX_VALUE))
                .extracting(ChainText::size)
                .containsExactly(
                        "0 B", "1023 B", "1 KiB", "1.3 KiB", "1.5 KiB", "1024.0 KiB", "1 GiB", "1.9 GiB", "8 EiB");
    }
}
