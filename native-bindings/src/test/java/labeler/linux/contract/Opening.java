package labeler.linux.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import labeler.linux.HostPath;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRefusal.Reason;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Opening on a stage, and the result. */
abstract class Opening {
    static final byte[] CONTENT = "some content".getBytes(UTF_8);

    protected abstract Stage createStage() throws Exception;

    Stage stage;
    SafeOpen open;

    @SuppressWarnings("NullAway.Init") // set before each test
    Opening() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
        open = stage.linux().open();
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    OpenedFile opened(HostPath path, OpenRequest request) {
        OpenOutcome outcome = open.open(path, request);
        assertThat(outcome).isInstanceOf(OpenedFile.class);
        return (OpenedFile) outcome;
    }

    void assertRefused(HostPath path, OpenRequest request, Reason reason) {
        OpenOutcome outcome = open.open(path, request);
        if (outcome instanceof OpenedFile file) {
            file.close();
        }
        assertThat(outcome).isInstanceOfSatisfying(OpenRefusal.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(reason);
            assertThat(refusal.path()).isEqualTo(path);
            assertThat(refusal.detail()).isNotEmpty();
        });
    }
}
