package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A host with a base and two overlays of it; nothing may be left open at the end. */
abstract class HostTest {
    @TempDir
    Path state;

    TestHost host;

    @SuppressWarnings("NullAway.Init") // set before each test
    HostTest() {}

    @BeforeEach
    void startTheHost() throws IOException {
        host = TestHost.withOverlays(state);
    }

    @AfterEach
    void nothingIsLeftOpen() throws IOException {
        host.close();
        assertThat(host.kernel.openDescriptors()).isZero();
    }
}
