package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A judge whose VM has ended, while another VM has its name: whatever it does leaves that one alone. */
class EndedRunTest {
    private static final VmName ONE = new VmName("one");

    private final FollowedHost host;
    private final VmRun ended;
    private final JoinedFiles made;
    private final List<FileHold> holds;

    /** A VM that is started again. */
    EndedRunTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        host.raw("disk");
        host.start("one", host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        ended = host.files().run(ONE);
        made = host.take("one", new HoldTrigger.Command(7), host.created("new"));
        host.lifecycle().stop(ONE, Optional.empty());
        host.start("one", host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        holds = host.holds("one");
    }

    @AfterEach
    void nothingHasChanged() throws IOException {
        assertThat(host.holds("one")).isEqualTo(holds);
        made.close();
        host.close();
    }

    @Test
    void it_takes_nothing() throws IOException {
        host.raw("extra");

        assertThat(host.files()
                        .take(
                                ended,
                                FollowedHost.wanted(new HoldTrigger.Graph(), host.raw("extra", Access.READ_WRITE))))
                .isInstanceOf(TakeOutcome.Refused.class);

        assertThat(host.label("extra")).isEqualTo(FollowedHost.HOME);
    }

    @Test
    void it_settles_nothing() {
        assertThat(host.files().settle(ended, _ -> List.of()).problems())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.PROCESS_ENDED);
        assertThat(host.files().vm(ended)).isEmpty();
    }

    @Test
    void it_vouches_for_no_header() {
        assertThat(host.files().known(ended, List.of(new WrittenHeader(host.hostPath("disk"), ImageFormat.RAW))))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.PROCESS_ENDED);
    }

    @Test
    void it_removes_no_file() {
        assertThat(host.files().remove(ended, made.made()))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.PROCESS_ENDED);
        assertThat(host.path("new")).exists();
    }
}
