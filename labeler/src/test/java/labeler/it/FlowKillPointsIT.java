package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import labeler.guard.flow.Ending;
import labeler.guard.flow.FlowCase;
import labeler.guard.flow.FlowImages;
import labeler.guard.flow.FlowTable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Behind Landlock the service is killed with SIGKILL in each flow: as it writes its journal, sets a label, sends a command
 * or a descriptor. The next service makes all files what the qemu then needs, and the end of the VM gives all back.
 */
@Timeout(3600)
class FlowKillPointsIT {
    private static final List<String> CALLS = List.of("fdatasync", "fsetxattr", "sendmsg", "write");

    /** At the first, second, fourth … of each call; by default at one of them in each flow. */
    private static final boolean IS_LONG = Boolean.getBoolean("labeler.all-kill-points");

    private static final int MOST = 64;

    private final Path temporary;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    /** A place in a flow. */
    record Point(FlowCase flow, String call) {
        @Override
        public String toString() {
            return flow.flow() + ": killed at " + call;
        }
    }

    private static List<Point> points() {
        List<Point> points = new ArrayList<>();
        List<FlowCase> flows = FlowTable.cases().stream()
                .filter(flow -> flow.ending() == Ending.SUCCESS)
                .toList();
        for (FlowCase flow : flows) {
            // Neighbours in the table get different calls.
            List<String> calls = IS_LONG ? CALLS : List.of(CALLS.get(flows.indexOf(flow) % CALLS.size()));
            calls.forEach(call -> points.add(new Point(flow, call)));
        }
        return points;
    }

    FlowKillPointsIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("strace", "qemu-system-x86_64", "qemu-img", "qemu-io", "getfattr", "setfattr");
        Machine.requireLandlock();
        service = ServiceFixture.started(temporary);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("points")
    void the_next_service_makes_all_files_what_qemu_needs(Point point) throws IOException {
        FlowImages images = new FlowImages(temporary.resolve("images"));
        images.make();
        images.keep(temporary.resolve("template"));
        images.clear();
        boolean isAnyKilled = false;
        for (Kill kill : kills(point)) {
            boolean isKilled;
            try (HandedBed bed = new HandedBed(service, images, temporary.resolve("template"))) {
                isKilled = isKilled(point, kill, bed);
                bed.asPromised();
                bed.end(true);
            }
            isAnyKilled |= isKilled;
            if (isKilled != IS_LONG) {
                break;
            }
        }
        assertThat(isAnyKilled || IS_LONG)
                .as("the service was killed in %s", point)
                .isTrue();
    }

    /** At the n-th of these calls. */
    private record Kill(String call, int n) {}

    /**
     * The long form goes on with one call until it is not reached; not every flow has each. The short one tries the second
     * and the first, and then those of the others, until the service has been killed.
     */
    private static List<Kill> kills(Point point) {
        if (IS_LONG) {
            return IntStream.iterate(1, n -> n <= MOST, n -> 2 * n)
                    .mapToObj(n -> new Kill(point.call(), n))
                    .toList();
        }
        int first = CALLS.indexOf(point.call());
        return IntStream.range(0, CALLS.size())
                .mapToObj(at -> CALLS.get((first + at) % CALLS.size()))
                .flatMap(call -> Stream.of(new Kill(call, 2), new Kill(call, 1)))
                .toList();
    }

    /** Whether the flow brought the service to its n-th call. Then the next one is up. */
    private boolean isKilled(Point point, Kill kill, HandedBed bed) throws IOException {
        try (Strace _ = Strace.killing(service, kill.call(), kill.n())) {
            point.flow().script().play(bed);
        } catch (IOException | AssertionError e) {
            // The connection has ended with the service.
            assertThat(service.answers()).as("%s", e).isFalse();
        }
        if (service.answers()) {
            return false;
        }
        service.awaitEnd();
        service.start();
        bed.reconnect();
        return true;
    }
}
