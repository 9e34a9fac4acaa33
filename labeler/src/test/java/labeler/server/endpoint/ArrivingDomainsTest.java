package labeler.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class ArrivingDomainsTest {
    private static final VmName WEB = new VmName("web");
    private static final Optional<String> ONE = Optional.of("one");

    private final ArrivingDomains arriving = new ArrivingDomains();

    @Test
    void a_domain_comes_once() {
        arriving.expect(WEB, "one");

        assertThat(arriving.arrive(WEB, ONE)).isTrue();
        assertThat(arriving.arrive(WEB, ONE)).isFalse();
    }

    @Test
    void a_start_without_the_number_is_another_and_the_one_with_it_may_come_still() {
        arriving.expect(WEB, "one");
        assertThat(arriving.arrive(WEB, Optional.of("two"))).isFalse();
        assertThat(arriving.arrive(WEB, Optional.empty())).isFalse();
        assertThat(arriving.arrive(new VmName("mail"), ONE)).isFalse();
        assertThat(arriving.arrive(WEB, ONE)).isTrue();
    }

    @Test
    void one_that_libvirt_gives_up_or_tries_again_does_not() {
        arriving.expect(WEB, "one");
        arriving.forget(WEB);
        assertThat(arriving.arrive(WEB, ONE)).isFalse();

        arriving.expect(WEB, "one");
        arriving.expect(WEB, "two");
        assertThat(arriving.arrive(WEB, ONE)).isFalse();
    }

    @Test
    void of_too_many_the_first_are_forgotten() {
        arriving.expect(WEB, "one");
        arriving.expect(new VmName("mail"), "one");
        arriving.expect(WEB, "one");
        for (int i = 0; i < ArrivingDomains.MOST - 1; i++) {
            arriving.expect(new VmName("vm" + i), "one");
        }

        assertThat(arriving.arrive(new VmName("mail"), ONE)).isFalse();
        assertThat(arriving.arrive(WEB, ONE)).isTrue();
    }

    @Test
    void no_two_numbers_are_alike() {
        assertThat(ArrivingDomains.number()).isNotEqualTo(ArrivingDomains.number());
    }
}
