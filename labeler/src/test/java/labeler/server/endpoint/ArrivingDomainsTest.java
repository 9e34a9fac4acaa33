package labeler.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.UUID;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class ArrivingDomainsTest {
    private static final VmName WEB = new VmName("web");
    private static final UUID ONE = new UUID(1, 1);

    private long now = Long.MAX_VALUE - 5;
    private final ArrivingDomains arriving = new ArrivingDomains(() -> now);

    @Test
    void a_domain_comes_once() {
        arriving.expect(WEB, ONE);

        assertThat(arriving.hasCome(WEB, Optional.of(ONE))).isTrue();
        assertThat(arriving.hasCome(WEB, Optional.of(ONE))).isFalse();
    }

    @Test
    void another_domain_of_the_name_does_not() {
        arriving.expect(WEB, ONE);
        assertThat(arriving.hasCome(WEB, Optional.of(new UUID(1, 2)))).isFalse();
        arriving.expect(WEB, ONE);
        assertThat(arriving.hasCome(WEB, Optional.empty())).isFalse();
        assertThat(arriving.hasCome(new VmName("mail"), Optional.of(ONE))).isFalse();
    }

    @Test
    void one_that_libvirt_gives_up_or_forgets_does_not() {
        arriving.expect(WEB, ONE);
        arriving.forget(WEB);
        assertThat(arriving.hasCome(WEB, Optional.of(ONE))).isFalse();

        arriving.expect(WEB, ONE);
        now += ArrivingDomains.PATIENCE.toNanos() - 1;
        assertThat(arriving.hasCome(WEB, Optional.of(ONE))).isTrue();
        arriving.expect(WEB, ONE);
        now += ArrivingDomains.PATIENCE.toNanos();
        assertThat(arriving.hasCome(WEB, Optional.of(ONE))).isFalse();
    }

    @Test
    void of_too_many_the_first_are_forgotten() {
        arriving.expect(WEB, ONE);
        arriving.expect(new VmName("mail"), ONE);
        arriving.expect(WEB, ONE);
        for (int i = 0; i < ArrivingDomains.MOST - 1; i++) {
            arriving.expect(new VmName("vm" + i), ONE);
        }

        assertThat(arriving.hasCome(new VmName("mail"), Optional.of(ONE))).isFalse();
        assertThat(arriving.hasCome(WEB, Optional.of(ONE))).isTrue();
    }
}
