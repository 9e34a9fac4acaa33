package labeler.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A host with overlays, a VM on one of them, and a file that its header may come to name. */
abstract class RewrittenHeaderTest {
    static final String OTHER = "/vm/other";

    @TempDir
    Path temporary;

    TestHost host;

    @BeforeEach
    void aHost() throws IOException {
        host = TestHost.withOverlays(temporary);
        host.raw(OTHER);
    }

    @AfterEach
    void end() throws IOException {
        host.close();
    }

    TestVm web1() {
        return host.vm("web1").disk("/vm/a", ImageFormat.QCOW2);
    }

    /** Rewrites the header of /vm/a, which then names only this data file. */
    void rewrite(String name) {
        host.kernel.write("/vm/a", Qcow2Builder.v3().dataFile(name).build());
    }
}
