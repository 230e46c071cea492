import greet

print(greet.greeting("you"))
