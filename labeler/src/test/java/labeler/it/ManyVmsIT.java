package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More VMs than any host has, with the program's shipped heap. */
@Timeout(300)
class ManyVmsIT {
    private static final int VMS = Integer.getInteger("labeler.test.vms", 4_000);
    private static final int FILES = 10;

    /** KiB. Users plan for 230 MB with ten thousand VMs. Each takes nine KiB, of which four are left for the noise of a JVM. */
    private static final long MOST_RESIDENT = (230 << 10) - 5L * (10_000 - VMS);

    @AutoClose
    private final ServiceFixture service;

    ManyVmsIT(@TempDir Path temporary) throws IOException {
        Machine.requireRoot();
        service = new ServiceFixture(temporary);
        ManyVms.record(service.state(), VMS, FILES);
    }

    @Test
    void ten_thousand_vms_are_started_with_listed_and_started_with_again() throws IOException {
        service.startAsOnAHost();
        for (int round = 0; round < 3; round++) {
            assertThat(listed()).isEqualTo(VMS);
            assertThat(service.get("/v1/health").ok().number("vms")).isEqualTo(VMS);
        }
        listsAtOnce(4);
        assertThat(resident()).isLessThan(MOST_RESIDENT);

        Command table = service.cli(List.of("status"));
        assertThat(table.exitCode()).as(table.err()).isZero();
        assertThat(table.out().lines().filter(line -> line.startsWith("vm-"))).hasSize(VMS);
        Command json = service.cli(List.of("status", "--json"));
        assertThat(json.exitCode()).as(json.err()).isZero();
        assertThat(json.out().lines().filter(line -> line.startsWith("      \"vm\": \"vm-")))
                .hasSize(VMS);

        assertThat(service.terminate()).isZero();
        service.startAsOnAHost();
        assertThat(listed()).isEqualTo(VMS);
        assertThat(resident()).isLessThan(MOST_RESIDENT);
        service.assertNoStackTrace();
    }

    private void listsAtOnce(int clients) throws IOException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    listed();
                } catch (IOException e) {
                    // The service is asked for its health below.
                    return;
                }
            }));
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        assertThat(service.answers()).as(service.log()).isTrue();
    }

    /** The number of VMs in the list, which is read as it comes and never held as a whole. */
    private int listed() throws IOException {
        byte[] wanted = "{\"vm\":\"vm-".getBytes(StandardCharsets.US_ASCII);
        int found = 0;
        int matched = 0;
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(service.socket()))) {
            channel.write(ByteBuffer.wrap("GET /v1/vms HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (channel.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    byte next = buffer.get();
                    matched = next == wanted[matched] ? matched + 1 : next == wanted[0] ? 1 : 0;
                    if (matched == wanted.length) {
                        found++;
                        matched = 0;
                    }
                }
            }
        }
        return found;
    }

    private long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(service.pid()), "status"))) {
            if (line.startsWith("VmHWM:")) {
                System.err.println("resident at most: " + line);
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new AssertionError("no VmHWM");
    }
}
