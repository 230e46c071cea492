#include <stdio.h>

int main(int count, char **arguments) {
    printf("hello %s from C\n", count > 1 ? arguments[1] : "nobody");
    return 0;
}
