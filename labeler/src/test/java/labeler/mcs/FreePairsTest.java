package labeler.mcs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

class FreePairsTest {
    private static CategoryRange range(String text) {
        return CategoryRange.parse(text).orElseThrow();
    }

    @Test
    void every_pair_of_a_range_is_given_once_and_then_none() {
        CategoryRange range = range("c10.c40");
        FreePairs freePairs = new FreePairs(range, new Random(1));
        Set<CategoryPair> given = new HashSet<>();

        for (int i = 0; i < range.pairs(); i++) {
            CategoryPair pair = freePairs.draw(given::contains).orElseThrow();
            assertThat(pair.low().number()).isGreaterThanOrEqualTo(10);
            assertThat(pair.high().number()).isLessThanOrEqualTo(40);
            assertThat(given.add(pair)).isTrue();
        }

        assertThat(given).hasSize(31 * 30 / 2);
        assertThat(freePairs.draw(given::contains)).isEmpty();
    }

    @Test
    void all_categories_make_523776_pairs() {
        assertThat(CategoryRange.DEFAULT.pairs()).isEqualTo(523_776);
    }

    @Test
    void the_last_free_pair_of_all_is_found() {
        CategoryRange range = CategoryRange.DEFAULT;
        CategoryPair free = CategoryPair.of(1022, 1023);
        Set<CategoryPair> taken = new HashSet<>();
        for (int low = 0; low < 1023; low++) {
            for (int high = low + 1; high <= 1023; high++) {
                taken.add(CategoryPair.of(low, high));
            }
        }
        taken.remove(free);

        assertThat(new FreePairs(range, new Random(2)).draw(taken::contains)).contains(free);
    }

    @Test
    void a_range_needs_two_categories() {
        assertThat(CategoryRange.parse("c5.c5")).isEmpty();
        assertThat(CategoryRange.parse("c9.c5")).isEmpty();
        assertThat(CategoryRange.parse("c0.c1024")).isEmpty();
        assertThat(CategoryRange.parse("c0,c5")).isEmpty();
        assertThat(CategoryRange.parse("")).isEmpty();
    }
}
