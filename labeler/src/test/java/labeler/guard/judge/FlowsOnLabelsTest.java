package labeler.guard.judge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import labeler.guard.flow.Ending;
import labeler.guard.flow.FlowCase;
import labeler.guard.flow.FlowImages;
import labeler.guard.flow.FlowTable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each flow with each of its ends, where qemu opens its files by their names. */
@Timeout(300)
class FlowsOnLabelsTest {
    @TempDir
    static Path root;

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    FlowsOnLabelsTest() {}

    @BeforeAll
    static void images() throws IOException {
        images(root).make();
        images(root).keep(root.resolve("template"));
    }

    private static FlowImages images(Path place) {
        return new FlowImages(place.resolve("host/images"));
    }

    private static List<FlowCase> cases() {
        return FlowTable.byName();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void each_file_has_the_label_that_qemu_needs(FlowCase flow) throws IOException {
        new FlowImages(root.resolve("host")).clear();
        images(root).copied(root.resolve("template"));
        try (LabelledBed bed = new LabelledBed(root.resolve("host"))) {
            flow.script().play(bed);
            bed.asPromised();
            bed.end(flow.ending() == Ending.QEMU_KILLED);
        }
    }
}
