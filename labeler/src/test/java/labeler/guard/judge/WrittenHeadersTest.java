package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import labeler.chain.ImageFormat;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;

final class WrittenHeadersTest {
    private static final HostPath LOCAL = HostPath.of("/vm/top");
    private static final HostPath HANGING = HostPath.of("/nfs/top");

    @Test
    void an_image_on_a_file_system_that_hangs_keeps_no_others_header_unknown() {
        WrittenHeaders headers = new WrittenHeaders();
        headers.written(Map.of(LOCAL, ImageFormat.QCOW2, HANGING, ImageFormat.QCOW2));

        List<Problem> problems = headers.record(written -> written.stream()
                .filter(header -> header.image().equals(HANGING))
                .map(header -> Problem.of(Problem.Kind.NOT_ANSWERING, header.image(), "nfs does not answer"))
                .toList());

        assertThat(problems).hasSize(1);
        assertThat(headers.unread()).containsExactly(HANGING);
        assertThat(headers.record(_ -> List.of())).isEmpty();
        assertThat(headers.isAnyOwed()).isFalse();
    }
}
