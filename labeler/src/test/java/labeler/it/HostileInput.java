package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Input made to break the service, through its own socket. For any input there is an answer or an end in bounded time,
 * no stack trace, and bounded memory. The service goes on.
 */
abstract class HostileInput {
    /** The heap has 120 MiB. The rest of such a JVM needs less than one and a half times as much again. */
    private static final long MAXIMUM_RESIDENT_KIB = 300 << 10;

    @TempDir
    Path temporary;

    Images images = new Images(Path.of("/"));
    ServiceFixture service = new ServiceFixture(Path.of("/"));

    @BeforeEach
    void running() throws IOException {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr", "mkfifo");
        images = Images.in(temporary.resolve("images"));
        service = ServiceFixture.startedAsOnAHost(temporary);
    }

    @AfterEach
    void stillWell() throws IOException {
        try {
            assertThat(service.answers()).as("the service goes on").isTrue();
            assertThat(service.get("/v1/vms").elements("vms")).isEmpty();
            assertThat(Attributes.of(images.directory())).isEmpty();
            assertThat(service.residentKilobytes()).isLessThan(MAXIMUM_RESIDENT_KIB);
        } finally {
            service.close();
        }
        service.assertNoStackTrace();
    }

    static String start(String text) {
        return text.substring(0, Math.min(80, text.length()));
    }
}
