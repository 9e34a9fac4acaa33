package labeler.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import labeler.guard.flow.Ending;
import labeler.guard.flow.FlowCase;
import labeler.guard.flow.FlowImages;
import labeler.guard.flow.FlowTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each flow with each of its ends, behind Landlock: qemu opens no file by itself. One service has all the VMs. */
@Timeout(600)
class FlowsOnDescriptorsIT {
    @TempDir
    static Path temporary;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static ServiceFixture service;

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    FlowsOnDescriptorsIT() {}

    @BeforeAll
    static void start() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io", "getfattr", "setfattr", "mount");
        Machine.requireLandlock();
        images().make();
        images().keep(template());
        images().clear();
        service = ServiceFixture.started(temporary);
    }

    @AfterAll
    static void end() throws IOException {
        service.assertNoStackTrace();
        service.close();
    }

    private static FlowImages images() {
        return new FlowImages(temporary.resolve("images"));
    }

    private static Path template() {
        return temporary.resolve("template");
    }

    private static List<FlowCase> cases() {
        return FlowTable.cases();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void qemu_is_given_each_file_that_it_needs(FlowCase flow) throws IOException {
        try (HandedBed bed = new HandedBed(service, images(), template())) {
            flow.script().play(bed);
            bed.asPromised();
            bed.end(flow.ending() == Ending.QEMU_KILLED);
        }
    }
}
